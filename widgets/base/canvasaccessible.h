// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QWidget;

namespace tailscope::widgets {

/// What a painted widget tells a screen reader beside its name: the text of what has the focus inside it.
/// A widget class inherits from it, calls installCanvasAccessibility() in its constructor and announceValue()
/// after every move of its inner focus.
class AccessibleCanvas
{
public:
    virtual ~AccessibleCanvas() = default;
    virtual QString accessibleValue() const = 0;
};

/// Registers the accessible interface of all AccessibleCanvas widgets, once a process. GUI thread.
void installCanvasAccessibility();
/// Tells assistive technology that accessibleValue() of the widget changed.
void announceValue(QWidget *canvas, const QString &value);

} // namespace tailscope::widgets
