// Nothing but what is compiled for its precompiled header: see tests/CMakeLists.txt.
