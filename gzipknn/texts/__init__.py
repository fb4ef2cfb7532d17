"""From what users hold, texts and labels, to bytes in one buffer and to classes: validated in one place."""
