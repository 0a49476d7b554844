"""The dashboard on paper: one file that can be sent, and pictures for a whiteboard."""
