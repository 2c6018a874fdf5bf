"""What may interest someone: live hotspots and posts chosen by a profile, learnt from what is taken up."""
