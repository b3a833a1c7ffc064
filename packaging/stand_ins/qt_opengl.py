"""Stands in for PySide6.QtOpenGL (9 MB) in the packaged program.

pyqtgraph imports the module with every curve and asks it for something only where a curve is drawn
with OpenGL, which this program never does (pyqtgraph's option ``useOpenGL`` stays off).
"""
