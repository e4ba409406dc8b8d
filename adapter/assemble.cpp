#include "adapter/assemble.h"

#include "adapter/stages/completeness/letter.h"
#include "adapter/stages/document/document.h"
#include "adapter/stages/page/packet_html.h"
#include "adapter/stages/reading/authors.h"

namespace consultd {

Result<Packet> assemble(PacketInput given, const Knowledge& knowledge, const Budget& budget) {
    TRY_ASSIGN(Document document, make_document(std::move(given), knowledge, budget));
    const PacketInput& input = document.input;
    TRY(budget.go_on());
    const std::vector<ChecklistItem> checklist =
        check_list(knowledge.specialties, input.request.specialty, input.request.as_of,
                   *document.reading, input.gaps);

    const std::string letter = letter_for(
        checklist, input.request,
        who_of(document.reading->index().find(input.patient)->resource, input.request.as_of));

    Packet packet;
    packet.html = packet_html({.input = input,
                               .knowledge = knowledge,
                               .reading = *document.reading,
                               .checklist = checklist,
                               .letter = letter,
                               .identifier = document_identifier(input.request)});
    packet.completeness = completeness_json(checklist, input.gaps, letter)
                              .with("notesOf", notes_json(notes_by_author(*document.reading)));
    TRY(budget.go_on());
    const std::size_t resources = document.resources.size();
    document.reading.reset();
    document.resources = std::vector<PacketResource>();
    packet.bundle = std::move(document.bundle);
    packet.bundle.print_to([&](std::string_view piece) { packet.bundle_bytes += piece.size(); });
    TRY(budget.fits(resources, packet.bundle_bytes));
    packet.changes = std::move(document.changes);
    return packet;
}

}  // namespace consultd
