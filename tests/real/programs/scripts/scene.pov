// Spheres that mirror each other.
camera { location <0, 3, -9> look_at <0, 1, 0> }
light_source { <5, 9, -7> color rgb 1 }
plane { y, 0 pigment { checker color rgb 0.2, color rgb 0.9 } finish { reflection 0.3 } }
#for (I, -4, 4)
    #for (K, 0, 4)
        sphere { <I, 0.5 + K * 0.3, K * 1.3> 0.5 pigment { color rgb <0.5 + I / 10, K / 5, 0.4> } finish { reflection 0.5 phong 0.7 } }
    #end
#end
