"""The page at `/_mock/`: what came, why it was answered so, and what to answer next. It only uses the control API."""
