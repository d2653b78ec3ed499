// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/texts.h"

#include "base/text.h"

#include <charconv>
#include <cmath>
#include <optional>

#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::advisor {

namespace {

/// Three significant digits without exponent; whole numbers and what is large in full with thousands marks.
std::string plainNumber(double value)
{
    if (!std::isfinite(value))
        return "unknown";
    if (std::abs(value) >= 1000 || value == std::floor(value)) {
        if (std::abs(value) < 9e15)
            return groupedCount(std::llround(value));
    }
    char digits[64];
    const int decimals
        = value == 0 ? 0 : std::max(0, 2 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
    const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed,
        std::min(decimals, 12));
    return std::string(digits, end.ptr);
}

/// Shares close to the whole keep the digits that tell them from it.
std::string percentText(double value)
{
    if (value > 99 && value < 100) {
        char digits[64];
        const double rest = 100 - value;
        const int decimals = std::min(12, std::max(1, static_cast<int>(std::ceil(-std::log10(rest)))));
        const auto end = std::to_chars(digits, digits + sizeof digits, value - 0.5 * std::pow(10, -decimals),
            std::chars_format::fixed, decimals);
        return std::string(digits, end.ptr) + " %";
    }
    return plainNumber(value) + " %";
}

std::string numberText(std::string_view name, double value)
{
    if (name.ends_with("_ms"))
        return humanMillis(value);
    if (name.ends_with("_ns"))
        return humanMillis(value / 1e6);
    if (name.ends_with("_bytes") && value >= 0 && value < 1.8e19)
        return humanBytes(static_cast<std::uint64_t>(value));
    if (name.ends_with("_kb") && value >= 0 && value < 1.8e16)
        return humanBytes(static_cast<std::uint64_t>(value * 1024));
    if (name.ends_with("_pct"))
        return percentText(value);
    if (name.ends_with("_x"))
        return plainNumber(value) + "×";
    return plainNumber(value);
}

std::optional<std::string> valueText(const std::string &name, const QJsonObject &evidence, const Rule *rule)
{
    const auto found = evidence.constFind(QString::fromStdString(name));
    if (found != evidence.constEnd()) {
        if (found->isDouble())
            return numberText(name, found->toDouble());
        if (found->isBool())
            return std::string(found->toBool() ? "yes" : "no");
        return found->isString() ? found->toString().toStdString() : std::string("unknown");
    }
    if (rule) {
        for (const Threshold &threshold : rule->thresholds) {
            if (threshold.name == name)
                return numberText(threshold.unit == "ms" ? "_ms" : "", threshold.value);
        }
    }
    return std::nullopt;
}

/// End of a {name} that begins at `open`, or npos.
std::size_t nameEnd(std::string_view text, std::size_t open)
{
    std::size_t at = open + 1;
    while (at < text.size()
        && ((text[at] >= 'a' && text[at] <= 'z') || text[at] == '_'
            || (at > open + 1 && text[at] >= '0' && text[at] <= '9')))
        ++at;
    return at > open + 1 && at < text.size() && text[at] == '}' ? at : std::string_view::npos;
}

} // namespace

std::string fillTemplate(std::string_view text, std::string_view evidenceJson, const Rule *rule)
{
    const QByteArray bytes(evidenceJson.data(), static_cast<qsizetype>(evidenceJson.size()));
    const QJsonObject evidence = QJsonDocument::fromJson(bytes).object();
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find('{', at), text.size());
        out += text.substr(at, open - at);
        if (open == text.size())
            break;
        const std::size_t end = nameEnd(text, open);
        std::optional<std::string> value;
        if (end != std::string_view::npos)
            value = valueText(std::string(text.substr(open + 1, end - open - 1)), evidence, rule);
        if (value)
            out += *value;
        else
            out += '{';
        at = value ? end + 1 : open + 1;
    }
    return out;
}

std::vector<std::string> templateNames(std::string_view text)
{
    std::vector<std::string> names;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const std::size_t end = nameEnd(text, open);
        if (end != std::string_view::npos)
            names.emplace_back(text.substr(open + 1, end - open - 1));
    }
    return names;
}

std::string adviceText(const Rule *rule, std::string_view evidenceJson)
{
    return rule ? fillTemplate(rule->fix, evidenceJson, rule) : std::string();
}

} // namespace tailscope::advisor
