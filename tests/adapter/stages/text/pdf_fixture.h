// Small PDFs for tests, without a table of what lies where: a reader finds the objects itself.
#pragma once

#include <string>
#include <vector>

namespace consultd::testing {

inline std::string stream(const std::string& content) {
    return "<</Length " + std::to_string(content.size()) + ">>\nstream\n" + content + "\nendstream";
}

// Objects numbered from 1, of which the first is the catalog; `trailer` has more of its entries.
inline std::string pdf_of_objects(const std::vector<std::string>& objects,
                                  const std::string& trailer = "") {
    std::string out = "%PDF-1.4\n";
    for (std::size_t i = 0; i < objects.size(); ++i)
        out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
    return out + "trailer\n<</Root 1 0 R /Size " + std::to_string(objects.size() + 1) + trailer +
           ">>\n%%EOF\n";
}

// A page a text; an empty text is a page without one, as a scan's is.
inline std::string pdf_of(const std::vector<std::string>& pages, const std::string& page_more = "",
                          const std::string& trailer = "") {
    std::vector<std::string> objects = {
        "<</Type/Catalog/Pages 2 0 R>>", "",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"};
    std::string kids;
    for (const std::string& text : pages) {
        const std::size_t page = objects.size() + 1;
        kids += std::to_string(page) + " 0 R ";
        objects.push_back("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]" + page_more +
                          "/Resources<</Font<</F 3 0 R>>>>/Contents " + std::to_string(page + 1) +
                          " 0 R>>");
        std::string content;
        int line = 700;
        for (std::size_t at = 0; at < text.size(); line -= 20) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            content += "BT /F 12 Tf 50 " + std::to_string(line) + " Td (" +
                       text.substr(at, end - at) + ") Tj ET\n";
            at = end + 1;
        }
        objects.push_back(stream(content));
    }
    objects[1] = "<</Type/Pages/Count " + std::to_string(pages.size()) + "/Kids[" + kids + "]>>";
    return pdf_of_objects(objects, trailer);
}

}  // namespace consultd::testing
