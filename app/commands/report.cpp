// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope report: where the time goes, as text, Markdown, HTML or JSON.
#include "app/arguments.h"
#include "app/command.h"
#include "app/commands/input.h"
#include "report/reportdata.h"

namespace tailscope::app {

int runReport(const QStringList &arguments)
{
    const auto opt = [](const char *name) { return QString::fromLatin1(name); };
    Arguments options(opt("report"),
        {{opt("format"), {}, opt("FORMAT")}, {opt("no-redact"), {}},
            {{opt("o"), opt("output")}, {}, opt("OUT")}});
    if (!options.parse(arguments, 1, -1, commandByName(opt("report"))->synopsis))
        return 2;
    const auto format = options.format({opt("text"), opt("html"), opt("md"), opt("json")});
    if (!format)
        return 2;
    const auto input = openInput(options.positional());
    if (!input)
        return options.failure(input.error());
    const auto data = report::gather(*input->workspace, !options.has(opt("no-redact")));
    if (!data)
        return options.failure(data.error());
    const std::string text = *format == opt("json") ? report::toJson(*data)
        : *format == opt("html")                    ? report::toHtml(*data)
        : *format == opt("md")                      ? report::toMarkdown(*data)
                                                    : report::toText(*data);
    if (const auto written = writeOutput(options.value(opt("o")), text); !written)
        return options.failure(written.error());
    int code = 0;
    for (const Error &error : input->errors)
        code = std::max(code, options.failure(error));
    return code;
}

} // namespace tailscope::app
