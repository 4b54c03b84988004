"""The way from a picture to the strokes of a digit; the modules are listed in its order.

picture_files  open a file safely and turn it into pixels
sheet          cut out a sheet of paper that lies on a table
paper          estimate the bare paper, whatever light and shadows fall on it
segmentation   tell ink from paper, in several ways if there is doubt
crops          small pictures, cropped tightly, with only two tones
ruled_lines    remove the lines of ruled or squared paper
cells          remove the printed cells of forms and tables
strokes        gather the strokes that form a digit; its `ways_to_see` calls all of the above

`pixels` holds operations that several of them share.
"""
