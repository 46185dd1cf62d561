"""What a training needs and costs before it starts: memory, time and money, GPU by GPU."""
