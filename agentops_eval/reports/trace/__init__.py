"""One run as a page that anybody can read: who decided what, what was done, who allowed it, what it cost."""
