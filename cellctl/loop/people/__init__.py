"""How far a loop may go, and when a person is asked."""
