"""The company's data: one DuckDB file, or a DuckLake when one machine is not enough. The only folder that imports duckdb."""
