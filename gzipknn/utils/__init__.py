"""What several rooms check, or make once: nothing here knows of texts or compression."""
