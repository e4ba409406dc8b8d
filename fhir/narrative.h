// Narrative: a FHIR `div` of XHTML made safe to show (https://hl7.org/fhir/R4/narrative.html), and
// its plain text. A narrative comes from outside: it may hold scripts, forms, remote images and
// broken XML. Only the elements and attributes that invariant txt-1 names are written, by our own
// writer. Must not know: resources, pages, where the result is shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::fhir {

// The `div` with what is safe of it:
// - script, style, objects, frames and media are dropped with their contents; other elements that
//   are not on the list (form, font, …) are dropped and their contents kept;
// - `href` stays for http, https, mailto and a `#fragment` that points into this div; images stay
//   when they are data: URLs of PNG, JPEG or GIF, or point to a contained resource (`#id`), else
//   their `alt` stands in their place;
// - of `class` the classes that the standard defines stay; of `style` a few properties that carry
//   meaning (a line through a text) with values from a list.
// XHTML's named entities (&nbsp;), which FHIR forbids and real servers send, are read.
// Cleaning a result again changes nothing.
// Malformed: not well-formed XML with `div` as its root, a DOCTYPE, a processing instruction, an
// element of another namespace, or nothing left to read (txt-2). TooLarge: over 4 MiB.
Result<std::string> sanitize_narrative(std::string_view div);

// The text of the `div` without markup: a block a line, "- " before list items, " | " between the
// cells of a row. Empty when there is none. Errors as above, save txt-2.
Result<std::string> narrative_text(std::string_view div);

// What points from a narrative into its own resource, and what can be pointed at.
struct NarrativeAnchors {
    std::vector<std::string> names;   // ids of elements, and names of `a`
    std::vector<std::string> links;   // of `a`: what follows "#"; "" is the top of the page
    std::vector<std::string> images;  // of `img`: what follows "#"
};
// Errors as narrative_text.
Result<NarrativeAnchors> narrative_anchors(std::string_view div);

// `text` for use between tags and in a quoted attribute. A character that XML does not have becomes
// U+FFFD.
std::string escape_xml(std::string_view text);

}  // namespace consultd::fhir
