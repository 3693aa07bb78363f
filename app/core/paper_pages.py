"""The printed forms of a register: one record's, a batch's, a list's. Part of RegisterView."""

from urllib.parse import urlencode

from flask import abort, current_app, request
from flask_appbuilder import expose, has_access, permission_name

from app.core import papers
from app.core.actor import actor
from app.core.columns import is_id
from app.core.papers import Paper
from app.core.times import full, now


class PaperPages:
    """`papers` of a register, each printed under its own address."""

    papers: list[Paper] = []

    @expose("/paper/<name>")
    @has_access
    @permission_name("print")
    def paper(self, name):
        """A printed form: ``?ids=7,9`` for records, the list's own filter for a paper of the list; ``size=a4``."""
        paper = next((each for each in self.papers if each.name == name), None)
        if paper is None:
            abort(404)
        size = request.args.get("size", "")
        given = {
            "paper": paper,
            "size": size if size in paper.sizes else paper.sizes[0],
            "printed_at": full(now()),
            "person": actor().name,
            "other_sizes": [(each, self._sized(each)) for each in paper.sizes],
        }
        if paper.of_list:
            asked = self.asked(request.args)
            asked.bin = False
            parts = papers.rows_on_paper(self, paper, asked, self._link)
            words = self._filter_words(asked)
            return self.render_template(paper.template, parts=parts, words=words, **given)
        return self.render_template(paper.template, sheets=self._sheets(paper), **given)

    def _sheets(self, paper):
        """The sheets that were asked for: one id that this person may not see, and there is no page at all."""
        words = [word for word in request.args.get("ids", "").split(",") if word]
        if not words or len(words) > papers.MOST or not all(is_id(word) for word in words):
            abort(404)
        ids = list(dict.fromkeys(int(word) for word in words))
        found = papers.sheets(self, paper, ids, self._link)
        if len(found) < len(ids):
            abort(404)
        return found

    def _link(self, record_id) -> str:
        return f"{current_app.config['PUBLIC_URL']}{self.route_base}/show/{record_id}"

    def _sized(self, size) -> str:
        args = {**request.args.to_dict(), "size": size}
        return f"{request.path}?{urlencode(args)}"

    def papers_of(self, row) -> list[tuple[str, str]]:
        """What the record's page offers to print: title, address."""
        return [
            (str(each.title), f"{self.route_base}/paper/{each.name}?ids={row['id']}")
            for each in self.papers
            if not each.of_list and each.offered(row)
        ]
