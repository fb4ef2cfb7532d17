"""What is kept on disk: results of searches, under a key that tells the same computation from any other."""
