"""What the commands share: context, logging in, proof, speaking, audit."""
