"""What comes in through an app, from the post to the answer."""
