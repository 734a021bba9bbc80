"""Reports: JSON, from which every other form is made."""
