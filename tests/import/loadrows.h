// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "profilestacks.h"

#include <string>
#include <vector>

namespace tailscope::testing {

/// "operation start duration status" of every span, in microseconds.
inline std::vector<std::string> requestsOf(const ReadOutcome &outcome)
{
    std::vector<std::string> result;
    for (const std::string &line : outcome.sink.linesOf("span")) {
        const auto micros = [&line](const char *name) {
            const std::string text = fieldOf(line, name);
            return text.empty() ? std::string("0") : std::to_string(std::stoll(text) / 1000);
        };
        const std::string status = fieldOf(line, "status");
        result.push_back(fieldOf(line, "operation") + ' ' + micros("start") + ' '
            + (fieldOf(line, "duration").empty() ? "?" : micros("duration"))
            + (status.empty() ? "" : ' ' + status));
    }
    return result;
}

/// The run_phase lines of one kind ("whole", "operation", "interval").
inline std::vector<std::string> phasesOf(const ReadOutcome &outcome, const std::string &kind)
{
    std::vector<std::string> result;
    for (const std::string &line : outcome.sink.linesOf("run_phase")) {
        if (fieldOf(line, "kind") == kind)
            result.push_back(line);
    }
    return result;
}

/// A field of the phase of the whole run; empty when unknown.
inline std::string wholeField(const ReadOutcome &outcome, const std::string &name)
{
    const std::vector<std::string> whole = phasesOf(outcome, "whole");
    return whole.size() == 1 ? fieldOf(whole.front(), name) : "no single whole";
}

/// "bound count" of every bucket, in the file's order.
inline std::vector<std::string> bucketsOf(const ReadOutcome &outcome)
{
    std::vector<std::string> result;
    for (const std::string &line : outcome.sink.linesOf("histogram_point"))
        result.push_back(fieldOf(line, "upper_bound") + ' ' + fieldOf(line, "count"));
    return result;
}

/// The sink's lines hold the text; quotes inside of quoted fields count as plain ones.
inline bool hasText(const ReadOutcome &outcome, const std::string &text)
{
    QString lines = QString::fromStdString(outcome.sink.text());
    lines.replace(QLatin1String("\\\""), QLatin1String("\""));
    return lines.contains(QString::fromStdString(text));
}

} // namespace tailscope::testing
