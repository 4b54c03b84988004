"""What the programs at the root of the repository do once their options are right."""
