"""What the reading room and the API, two applications of one server, answer alike: the shape of errors, HEAD, the description."""
