"""What a person does in several steps: dialogs in a row, with services between them."""
