"""What Redian computes: pure functions and states over values, with no broker, clock or network of their own."""
