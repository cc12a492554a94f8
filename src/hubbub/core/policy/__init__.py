"""What the operator has settled, and what a class of operators or a token may: values."""
