// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/canvasaccessible.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QWidget>

namespace tailscope::widgets {

namespace {

class CanvasInterface final : public QAccessibleWidget
{
public:
    CanvasInterface(QWidget *widget, AccessibleCanvas *canvas)
        : QAccessibleWidget(widget, QAccessible::Canvas)
        , m_canvas(canvas)
    {}
    QString text(QAccessible::Text kind) const override
    {
        if (kind == QAccessible::Value)
            return m_canvas->accessibleValue();
        return QAccessibleWidget::text(kind);
    }

private:
    AccessibleCanvas *m_canvas;
};

QAccessibleInterface *canvasInterface(const QString &, QObject *object)
{
    auto *widget = qobject_cast<QWidget *>(object);
    auto *canvas = widget ? dynamic_cast<AccessibleCanvas *>(object) : nullptr;
    return canvas ? new CanvasInterface(widget, canvas) : nullptr;
}

} // namespace

void installCanvasAccessibility()
{
    static const bool installed = [] {
        QAccessible::installFactory(canvasInterface);
        return true;
    }();
    Q_UNUSED(installed);
}

void announceValue(QWidget *canvas, const QString &value)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleValueChangeEvent event(canvas, value);
    QAccessible::updateAccessibility(&event);
}

} // namespace tailscope::widgets
