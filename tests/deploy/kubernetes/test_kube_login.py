"""The hub on Kubernetes accepts signed launches and plain names only."""

import asyncio
from types import SimpleNamespace

import kube_login
import lti_launch
import pytest
from jupyterhub.auth import PAMAuthenticator
from tornado.web import HTTPError

LTI = "ltiauthenticator.lti13.auth.LTI13Authenticator"
KELVIN = "\N{KELVIN SIGN}im@example.org"


@pytest.fixture
def authenticator():
    pytest.importorskip("ltiauthenticator", reason="jupyterhub-ltiauthenticator is not installed")
    made = kube_login.only_signed(LTI)
    return made(username_key="email")


def test_claims_written_by_hand_let_nobody_in(authenticator):
    form = SimpleNamespace()  # of the hub's login page, or of its token API
    claims = {"email": "ada@example.org", "sub": "1"}
    with pytest.raises(HTTPError, match="by the link in your course"):
        asyncio.run(authenticator.authenticate(form, claims))
    launch = object.__new__(authenticator.callback_handler)
    found = asyncio.run(authenticator.authenticate(launch, claims))
    assert found["name"] == "ada@example.org"


@pytest.mark.parametrize("claims", [{"sub": "7"}, {"email": ""}, {"email": 7}, {"email": KELVIN}])
def test_nothing_else_is_taken_where_there_is_no_name(authenticator, claims):
    with pytest.raises(HTTPError, match="no plain text as email"):
        authenticator.get_username(claims)


def test_a_custom_claim_is_a_name_too(authenticator):
    authenticator.username_key = "custom_account"
    assert authenticator.get_username({lti_launch.CUSTOM: {"account": "ben"}}) == "ben"
    with pytest.raises(HTTPError, match="no plain text as account"):
        authenticator.get_username({"account": "ben"})


def test_what_is_made_from_it_believes_no_more(authenticator):
    base = type(authenticator).__mro__[1]
    theirs = kube_login.only_signed(type("OurCampus", (base,), {}))
    with pytest.raises(HTTPError, match="by the link in your course"):
        asyncio.run(theirs().authenticate(SimpleNamespace(), {"email": "ada@example.org"}))


@pytest.mark.parametrize(
    "other", ["generic-oauth", "jupyterhub.auth.PAMAuthenticator", PAMAuthenticator]
)
def test_other_authenticators_stay_as_they_are(other):
    assert kube_login.only_signed(other) is other
