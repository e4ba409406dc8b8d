// How far it is: one page that looks again by itself, and says what is whose turn.
#include "adapter/portal/portal.h"
#include "adapter/portal/standing.h"

namespace consultd::portal {
namespace {

using enum TransferState;
using web::ServerResponse;

// Which step is at work; those before it are done.
struct Stage {
    TransferState state;
    Word title;
    std::size_t step;
};
constexpr Stage stages[] = {
    {Requested, Word::ProgressReadTitle, 1}, {Pulling, Word::ProgressReadTitle, 1},
    {Prepared, Word::ProgressPackTitle, 3},  {Sending, Word::ProgressSendTitle, 4},
    {Uncertain, Word::ProgressSendTitle, 4},
};
constexpr Word steps[] = {Word::StepSignedIn, Word::StepReading, Word::StepChoosing,
                          Word::StepChecking, Word::StepSending, Word::StepReceived};

void write_steps(HtmlWriter& out, const Reader& reader, std::size_t at) {
    out.markup("<ol class=\"steps\">\n");
    for (std::size_t i = 0; i < std::size(steps); ++i) {
        out.markup(i < at    ? StaticText("<li class=\"done\"><span class=\"dot\">✓</span><b>")
                   : i == at ? StaticText("<li class=\"now\" aria-current=\"step\"><span "
                                          "class=\"dot\"></span><b>")
                             : StaticText("<li><span class=\"dot\"></span><b>"));
        put(out, reader, steps[i]).markup("</b><span class=\"d\">");
        if (i < at) put(out, reader, Word::StepDone);
        if (i == at) put(out, reader, Word::StepNow);
        out.markup("</span></li>\n");
    }
    out.markup("</ol>\n");
}

}  // namespace

ServerResponse Portal::progress(Visit& visit) {
    const auto found = current(visit);
    if (!found) return go_to("/portal/sharing");
    const Transfer& transfer = *found;
    Reader& reader = visit.reader;
    reader.path = "/portal/progress";  // also where it is asked for by itself
    if (transfer.state == Held && transfer.reason == "choice") return go_to("/portal/choose");
    if (transfer.state == Held && transfer.reason == "approval") return go_to("/portal/preview");
    if (is_delivered(transfer.state)) return go_to("/portal/receipt", transfer.id);
    const std::string from = hospital_of(transfer), there = clinic_of(transfer);
    for (const Stage& stage : stages) {
        if (stage.state != transfer.state) continue;
        Page page{.title = std::string(say(reader.language, stage.title)),
                  .body = {},
                  .back = "",
                  .looks_again = true};
        paragraph(page.body, reader, Word::ProgressClose);
        write_steps(page.body, reader, stage.step);
        put(page.body.markup("<div role=\"status\" aria-live=\"polite\"><span class=\"vh\">"),
            reader, stage.title)
            .markup("</span>");
        if (transfer.state == Uncertain)
            paragraph(page.body.markup("<div class=\"quiet warn\">"), reader, Word::UncertainText,
                      {{"clinic", there}})
                .markup("</div>");
        else if (!transfer.reason.empty())
            paragraph(page.body.markup("<div class=\"quiet warn\">"), reader, Word::ProgressWaits,
                      {{"hospital", transfer.peer_side == "destination" ? there : from}})
                .markup("</div>");
        put(page.body.markup("</div><p><a class=\"back\" href=\"/portal/progress\">"), reader,
            Word::ProgressRefresh)
            .markup("</a></p>\n");
        return send_page(reader, std::move(page));
    }
    Page page;
    if (wants_sign_in(transfer)) {
        page.title = say(reader.language, Word::AgainTitle);
        paragraph(page.body, reader,
                  transfer.reason == "forbidden" ? Word::AgainAllow : Word::AgainText,
                  {{"hospital", from}});
        begin_form(page.body, reader, "/portal/again");
        button(page.body, reader, Word::AgainGo).markup("</form>\n");
        return send_page(reader, std::move(page));
    }
    const bool is_held = transfer.state == Held;
    page.title = say(reader.language, is_held                       ? Word::HeldTitle
                                      : transfer.state == Withdrawn ? Word::HeldStopped
                                                                    : Word::FailedTitle);
    paragraph(page.body, reader,
              may_have_arrived(transfer)    ? Word::UncertainText
              : has_no_records(transfer)    ? Word::HeldNoRecords
              : is_held                     ? Word::HeldText
              : transfer.state == Withdrawn ? Word::StoppedText
                                            : Word::FailedText,
              {{"clinic", there}, {"hospital", from}});
    if (is_held && !transfer.sent) paragraph(page.body, reader, Word::NothingLeft);
    link_button(page.body, reader, Word::MySharing, "/portal/sharing");
    return send_page(reader, std::move(page));
}

}  // namespace consultd::portal
