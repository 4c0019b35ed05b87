"""What a tree of files holds, and how all folder layouts read, measure and write it."""
