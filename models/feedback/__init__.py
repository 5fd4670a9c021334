"""What subjects say of what they are shown: not for me, later, done already, well or badly served."""
