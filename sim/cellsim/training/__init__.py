"""How the classifier that ships was made: `python -m cellsim.training.coating_model` (extra `train`)."""
