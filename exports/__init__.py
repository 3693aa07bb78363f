"""What a workbook looks like, out and in: knows rows and cells, never models, never Flask, nothing of app."""
