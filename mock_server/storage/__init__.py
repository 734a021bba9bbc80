"""What a fake remembers: requests, sessions, changes to the world, armed answers. All in one SQLite database."""
