module example.com/asteroid-control

go 1.21
