// What the objects of a PDF say beside what its pages draw: notes stuck to a page, the values of a
// form, names of layers, descriptions of pictures; and whether it holds what nobody here reads: a
// file in it, a layer that is switched off, a note that is hidden. ISO 32000-1, 7.11.4, 8.11, 12.5,
// 12.7. Runs in the process of pdf/main.cpp.
#pragma once

#include <cstddef>
#include <string>

namespace consultd {

struct PdfObjects {
    std::string said;     // each text on a line of its own, in no order
    int unseen = 0;       // how many kinds of what is not read are in it
    bool is_all = false;  // every object was looked at
};

// At most so many bytes of text.
PdfObjects read_objects(const std::string& bytes, std::size_t text_bytes_max);

}  // namespace consultd
