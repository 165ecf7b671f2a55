"""Bytes ↔ rows: files that people bring, and files they take away. Knows neither the store nor the pages."""
