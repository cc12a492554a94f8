"""What the operator has settled, and what a class of operators may: values."""
