"""From a picture to strokes, in the order of the way.

picture_files  a file is opened safely and becomes pixels
sheet          a sheet of paper that lies on a table is cut out
paper          what would be seen without ink, whatever light and shadows fall on it
segmentation   what differs from paper, in each way in which that may be told
crops          small pictures cut out narrowly, with nothing but two tones
ruled_lines    lines of ruled or squared paper are taken out
cells          the printed cells of forms and tables
strokes        strokes that belong together; its `ways_to_see` is the door to all of the above

`pixels` holds what several of them do to pixels.
"""
