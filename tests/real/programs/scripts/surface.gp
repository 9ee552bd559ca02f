# A surface of many small faces, as SVG and as letters. Set by -e: samples.
set terminal svg size 800,600
set output 'surface.svg'
set pm3d depthorder
set samples samples
set isosamples samples
splot [-3:3] [-3:3] sin(x * x + y * y) * exp(-0.2 * (x * x + y * y)) + besj0(x * y) with pm3d notitle
set terminal dumb 79,24
set output
plot [0:10] besj0(x), lgamma(x + 1) - 3
