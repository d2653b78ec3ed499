// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>
#include <QSyntaxHighlighter>

class QCompleter;

namespace tailscope::widgets {

/// Colours keywords, strings, numbers and comments of SQL.
class SqlHighlighter : public QSyntaxHighlighter
{
    Q_OBJECT
public:
    explicit SqlHighlighter(QTextDocument *document);

protected:
    void highlightBlock(const QString &text) override;
};

/// Editor with completion of keywords and schema names (Ctrl+Space or while typing); Ctrl+Enter runs.
class SqlEdit : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit SqlEdit(QWidget *parent = nullptr);
    void setWords(const QStringList &words);
    /// The statement around the cursor when several are there (separated by ';'), or the selection.
    QString currentStatement() const;

Q_SIGNALS:
    void runRequested();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QString wordBeforeCursor() const;
    void complete(const QString &word);
    QCompleter *m_completer;
};

} // namespace tailscope::widgets
