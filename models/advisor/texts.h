// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// Puts the values of an evidence object (and the rule's thresholds) into the {names} of a text. The suffix
/// of a name tells the unit: _ms, _ns, _bytes, _kb, _pct (0..100), _x (a factor). Unknown names stay as they
/// are; NULL reads "unknown".
std::string fillTemplate(std::string_view text, std::string_view evidenceJson, const Rule *rule = nullptr);

/// The {names} a text uses, in order.
std::vector<std::string> templateNames(std::string_view text);

/// What to do about a finding: the rule's fix with the finding's figures; empty without a rule.
std::string adviceText(const Rule *rule, std::string_view evidenceJson);

} // namespace tailscope::advisor
