"""What the languages differ in, as far as typed answers are concerned. Data."""
