"""Know what models cost: a dated overlay of our own, the tables of genai-prices, and named price processes."""
