"""The search for the best model of a recipe, on Keras Tuner; gives a Verdict."""
