// Wrapped: records in the bytes of a document that are not FHIR's own form: a message of HL7 v2, a
// DICOM file, a mail with parts, base64 as text, an archive. It tells what they are, whom a message
// and an image say they are about, and what stands in a mail; it does not decide whose that is.
// Pure. https://www.hl7.eu/HL7v2x/v251/std251/ch03.html (PID),
// https://dicom.nema.org/medical/dicom/current/output/html/part10.html,
// https://www.rfc-editor.org/rfc/rfc2046
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/stages/belonging/clinical_document.h"

namespace consultd {

enum class Wrapping {
    None,
    Archive,  // of files that nobody looks into; not one of an office program's documents
    Message,  // HL7 v2
    Image,    // DICOM
    Mail,
    Base64,
};
// By the first bytes.
Wrapping wrapping_of(std::string_view head);

// Whom it names, ids without a system (an empty root). Absent: nobody, several, or it cannot be
// read with certainty.
std::optional<RecordTarget> target_of_message(std::string_view text);
std::optional<RecordTarget> target_of_image(std::string_view bytes);

// The bodies in a mail, as they were before they were encoded. Absent: it is deeper than a mail
// should be.
std::optional<std::vector<std::string>> bodies_of_mail(std::string_view text);

}  // namespace consultd
